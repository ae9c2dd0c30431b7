// Swagger UI of this host. Requests go to the path from which the page was loaded, also below a proxy's path.
document.body.style.margin = "0";
fetch("openapi.json")
  .then((answer) => answer.json())
  .then((spec) => {
    const path = new URL(".", location.href).pathname.replace(/\/$/, "");
    SwaggerUIBundle({
      spec: { ...spec, servers: [{ url: path || "/" }] },
      dom_id: "#page",
      deepLinking: true,
      filter: true,
      docExpansion: "none",
      defaultModelsExpandDepth: 0,
      showExtensions: true,
      validatorUrl: null,
    });
  })
  .catch((error) => {
    document.getElementById("page").textContent = `openapi.json could not be shown: ${error.message}`;
  });
