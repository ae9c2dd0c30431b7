const channel = new BroadcastChannel("qdash.login");
export default function ({ data, parentElement: root }) {
  report_lost_server();
  const form = root.querySelector("form");
  const button = form.querySelector("button");
  const say = (text) => { form.querySelector("[role=alert]").textContent = text; };
  if (data.has_ended) say("Your login session has ended. Log in to see this page again.");
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    say("");
    try {
      const answer = await fetch("/auth/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(Object.fromEntries(new FormData(form))),
      });
      if (answer.ok) {
        channel.postMessage("in");
        location.reload();
        return;
      }
      const said = await answer.json();
      const wait = Number(answer.headers.get("retry-after") ?? 0);
      say(`${begin_sentence(said.detail)}${wait ? ` (try again in ${duration(wait)})` : ""}`);
    } catch {
      say("The dashboard cannot be reached: check that it is running, then try again.");
    }
    button.disabled = false;
    form.elements.password.select();
  };
  // A login in another tab is valid here, too.
  channel.onmessage = ({ data }) => data === "in" && location.reload();
  form.elements.username.focus();
  return () => {
    form.onsubmit = null;
    channel.onmessage = null;
  };
}
