export default function ({ parentElement: root }) {
  const form = root.querySelector("form");
  form.onsubmit = async (event) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(form));
    const answer = await fetch("/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(said),
    });
    if (answer.ok) location.reload();
    else form.querySelector("p").textContent = (await answer.json()).detail;
  };
  return () => { form.onsubmit = null; };
}
