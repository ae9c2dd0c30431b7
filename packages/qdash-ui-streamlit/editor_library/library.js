// The parts of CodeMirror that the component `editor` uses, as one module: see fetch_editor_library.py.
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { defineLanguageFacet, Language, LanguageSupport, StreamLanguage } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { GFM, parser } from "@lezer/markdown";

export { autocompletion, closeBrackets, closeBracketsKeymap, completeAnyWord, completionKeymap } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
export { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
export { forEachDiagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
export { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
export { Annotation, Compartment, EditorState } from "@codemirror/state";
export { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
export { classHighlighter } from "@lezer/highlight";

// The package lang-markdown would add the grammars of HTML, CSS and JavaScript.
const markdown = () => new LanguageSupport(new Language(defineLanguageFacet(), parser.configure(GFM), [], "markdown"));

export const languages = { json, markdown, python, toml: () => new LanguageSupport(StreamLanguage.define(toml)), yaml };
