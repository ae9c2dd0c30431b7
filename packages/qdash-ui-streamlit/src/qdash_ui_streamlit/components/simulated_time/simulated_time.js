const LOOK_EVERY_MS = 3000;
// Each reading of the clock takes a microsecond, which is no advance.
const ADVANCED_MS = 1000;
export default function ({ data, parentElement: root }) {
  const show = (at) => {
    home.simulated = Date.parse(at);
    const time = time_el(at, data.zone, "short");
    time.append(zone_offset(at, data.zone));
    root.querySelector(".simulated").replaceChildren(`${data.label}: `, time);
  };
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(data.source).catch(() => null);
    const at = answer?.headers.get(data.header);
    if (!at || Date.parse(at) - home.simulated < ADVANCED_MS) return;
    show(at);
    // Ages are wrong now, as after lost events.
    document.dispatchEvent(new CustomEvent("qdash:live", { detail: { gap: true, since: home.simulated } }));
  };
  show(data.at);
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    home.simulated = null;
  };
}
// Return the offset of a time zone from UTC: +01:00.
const zone_offset = (at, zone) => {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(new Date(at));
  return parts.find(({ type }) => type === "timeZoneName").value.slice("GMT".length) || "+00:00";
};
