// The focus after a button is pressed by a key: in the popover that it opens, which Streamlit puts at the end of the document; and if
// the button is replaced, as by a form, on the first new control: the Tab key would go on elsewhere.
const CONTROLS = "button:enabled, input:enabled, select:enabled, textarea:enabled";
const LOOK_MS = 100;
const LOOK_TIMES = 30;
const list_controls = (place, selector) => [...(place?.querySelectorAll(selector) ?? [])].filter((one) => one.getClientRects().length);
const keep_focus = (event) => {
  const button = event.target.closest?.("button");
  if (event.detail || !event.isTrusted || !button) return; // pressed by a mouse or a script
  const main = document.querySelector("[data-testid=stMain]");
  const before = new Set(list_controls(main, CONTROLS));
  const find = () => {
    if (button.matches("[data-testid=stPopoverButton][aria-expanded=true]")) {
      return list_controls(document.querySelector("[data-testid=stPopoverBody]"), `a[href], ${CONTROLS}`)[0];
    }
    const is_drawn = !document.querySelector("[data-test-script-state=running], [data-testid=stSkeleton]");
    const is_lost = is_drawn && !button.isConnected && document.activeElement === document.body;
    return is_lost ? list_controls(main, CONTROLS).find((one) => !before.has(one)) : null;
  };
  const look = (times) => {
    const found = find();
    if (found) found.focus();
    else if (times) setTimeout(look, LOOK_MS, times - 1);
  };
  setTimeout(look, LOOK_MS, LOOK_TIMES);
};
