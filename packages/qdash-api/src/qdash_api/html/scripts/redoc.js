// ReDoc of this host.
document.body.style.margin = "0";
Redoc.init(
  "openapi.json",
  { showExtensions: ["x-needs"], sortRequiredPropsFirst: true },
  document.getElementById("page"),
);
