// All tabs of this browser share this worker, and so one stream: a browser has six connections to a server.
self.onconnect = (event) => serve(event.ports[0]);
