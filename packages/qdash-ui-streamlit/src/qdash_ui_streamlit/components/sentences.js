// Return a message with an upper-case initial, unless it begins with a name, an id or code: as begin_sentence of display/markdown.py.
const FIRST_WORD =
  /^(?:(?:an?|interrupted|it|no|nobody|nothing|that|the|there|these|this)\b|[a-z]+(?:-[a-z]+)*,? (?!(?:are|asked|belongs|cannot|does|has|have|is|may|must|needs|refuses|returned|takes|was|were)\b))/;
const begin_sentence = (text) => (FIRST_WORD.test(text) ? text[0].toUpperCase() + text.slice(1) : text);
