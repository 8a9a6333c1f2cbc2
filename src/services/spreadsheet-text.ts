/**
 * Where a spreadsheet takes what follows for a formula (OWASP, "CSV Injection"): at the beginning of a cell, in wide
 * characters, too. Where its language separates columns by ";", commas and quotes of our files are text to it, so that
 * it begins a cell behind each ";" and line break; behind a tab, too, where the file is pasted or tabs are among the
 * separators.
 */
const formula = /^(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])(?="*[=+\-@\t＝＋－＠])/g;

/** A text for a CSV file, with an apostrophe before whatever a spreadsheet would work out. */
export function withoutFormulas(text: string): string {
  return text.replace(formula, "'");
}
