// Report in our words that the server of the dashboard does not answer. Streamlit opens a dialog that speaks of itself, tries to reconnect,
// and then closes it and draws the page again.
const STREAMLIT_TITLE = "Connection error";
const LOST_TITLE = "No connection to the dashboard";
const LOST_TEXT =
  "The server of the dashboard does not answer. This page tries to reconnect, and is drawn again when the server is back. If that takes long, ask the operator whether the dashboard runs, and check your network.";
const report_lost_server = () => {
  window.__qdash_lost_server ??= new MutationObserver(rewrite_dialogs);
  window.__qdash_lost_server.observe(document.body, { childList: true, subtree: true });
};
const rewrite_dialogs = () => {
  for (const dialog of document.querySelectorAll("[role=dialog]")) {
    const title = dialog.querySelector("[slot=title]");
    const text = title?.nextElementSibling;
    if (text && title.textContent === STREAMLIT_TITLE) title.textContent = LOST_TITLE;
    if (text && title.textContent === LOST_TITLE && text.textContent !== LOST_TEXT) text.textContent = LOST_TEXT;
  }
};
