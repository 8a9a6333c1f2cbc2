/**
 * The places where a spreadsheet takes what follows for a formula (OWASP, "CSV Injection"): at the beginning of a cell, also in wide
 * characters. If its language separates columns by ";", commas and quotes of our files are text to it, so that a cell begins after each
 * ";" and line break, and also after a tab if the file is pasted or tabs are among the separators.
 */
const formula = /^(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])(?="*[=+\-@\t＝＋－＠])/g;

/** A text for a CSV file, with an apostrophe before everything that a spreadsheet would compute. */
export function withoutFormulas(text: string): string {
  return text.replace(formula, "'");
}
