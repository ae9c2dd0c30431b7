// The search of the site demands every word of a query. Words that only make a question are left out, but for the last one, which may
// still be a part of another word.
const WORDS = new Set(
  ("a again an and are at be by can could did do does each every for from get has have how i in is it its me my of on or our should so that the " +
    "then this to was we were what when where which why will with").split(" "),
);
const QUERY = 2; // type of the message with a query to the worker of the search

window.Worker = class extends window.Worker {
  postMessage(message, ...rest) {
    if (message.type === QUERY) {
      const words = message.data.input.split(/\s+/);
      const told = words.filter((word, n) => n === words.length - 1 || !WORDS.has(word.toLowerCase().replace(/\W/g, "")));
      message = { ...message, data: { ...message.data, input: told.join(" ") } };
    }
    super.postMessage(message, ...rest);
  }
};
