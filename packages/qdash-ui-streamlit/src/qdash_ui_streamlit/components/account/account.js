export default function ({ data, parentElement: root }) {
  const [who, select, button, alert] = [".who", "select", "button", "[role=alert]"].map((one) => root.querySelector(one));
  who.replaceChildren(el("strong", {}, data.name), ` ${data.role}`);
  const theirs = Object.keys(data.hrefs);
  const projects = data.project in data.hrefs ? theirs : ["", ...theirs];
  select.replaceChildren(...projects.map((one) => el("option", { value: one }, one)));
  select.value = data.project in data.hrefs ? data.project : "";
  select.disabled = projects.length < 2;
  select.onchange = () => select.value && navigate(data.hrefs[select.value]);
  button.onclick = async () => {
    button.disabled = true;
    try {
      const answer = await fetch("/auth/logout", { method: "POST" });
      if (!answer.ok) alert.textContent = begin_sentence((await answer.json()).detail);
      new BroadcastChannel("qdash.login").postMessage("out");
      if (answer.ok) location.reload();
    } catch {
      alert.textContent = "The dashboard cannot be reached: check that it is running, then try again.";
    }
    button.disabled = false;
  };
  return () => {
    select.onchange = button.onclick = null;
  };
}
