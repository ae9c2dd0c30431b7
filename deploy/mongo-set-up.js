// Makes a MongoDB server a replica set of one, and the user by whom QDash reads and writes. Run again, it sets the password anew.
const server = connect("mongodb://mongo:27017/admin?directConnection=true");
server.auth("root", process.env.MONGO_ROOT_PASSWORD);
try {
  server.adminCommand({ replSetInitiate: { _id: "qdash", members: [{ _id: 0, host: "mongo:27017" }] } });
} catch (error) {
  if (error.codeName !== "AlreadyInitialized") throw error;
}
while (!server.hello().isWritablePrimary) sleep(200);

const qdash = server.getSiblingDB("qdash");
const user = { pwd: process.env.MONGO_PASSWORD, roles: [{ role: "readWrite", db: "qdash" }] };
if (qdash.getUser("qdash")) {
  qdash.updateUser("qdash", user);
} else {
  qdash.createUser({ user: "qdash", ...user });
}
