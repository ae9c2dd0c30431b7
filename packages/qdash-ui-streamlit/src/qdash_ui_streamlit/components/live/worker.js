// All tabs of a browser share this worker and its stream, since a browser has only six connections to a server.
self.onconnect = (event) => serve(event.ports[0]);
