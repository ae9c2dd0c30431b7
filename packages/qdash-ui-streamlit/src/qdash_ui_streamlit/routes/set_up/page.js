// The code is behind `#`, so that no server or log sees it before it is used.
const code = location.hash.slice(1);
const user = new URLSearchParams(location.search).get("user");
const form = document.querySelector("form");
const alert = form.querySelector("[role=alert]");
const say = (text) => { alert.textContent = text; };

if (user) {
  document.getElementById("whose").textContent = `User ${user}. This link works once, within one day.`;
  document.getElementById("username").value = user;
}
if (!code) {
  say("The URL contains no code: open the complete link that you received.");
  form.querySelector("button").disabled = true;
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { password, again } = form.elements;
  if (password.value !== again.value) {
    say("The passwords do not match.");
    again.focus();
    return;
  }
  form.querySelector("button").disabled = true;
  say("");
  try {
    const answer = await fetch("/auth/setup", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code, password: password.value }),
    });
    if (answer.ok) {
      location.replace("/");
      return;
    }
    const said = await answer.json();
    say([begin_sentence(said.detail), ...(said.errors ?? []).map((one) => one.message)].join(" "));
  } catch {
    say("The dashboard cannot be reached: check that it is running, then try again.");
  }
  form.querySelector("button").disabled = false;
});
