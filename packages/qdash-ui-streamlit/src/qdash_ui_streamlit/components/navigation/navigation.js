export default function ({ data }) {
  navigate(data.address);
  return () => {};
}
