/** What a workflow may ask for: a value by its whole name such as `vars.STACK`, or a function such as `always`. */
export interface ExpressionContext {
  readonly values: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, (argument: string) => string | boolean>>;
}

type Value = string | boolean;
const token = /\s*(\|\||&&|==|!=|[()]|'(?:[^']|'')*'|[\w.-]+)/y;

/** A text with each `${{ … }}` in it replaced by its value. */
export function fillIn(text: string, context: ExpressionContext): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => String(evaluate(expression, context)));
}

/**
 * The part of GitHub's expressions that the workflows use.
 *
 * @throws Error at a name that the context does not have: GitHub would take it for empty
 */
export function evaluate(expression: string, context: ExpressionContext): Value {
  const words = tokensOf(expression.trim());
  const next = (...wanted: string[]) => (wanted.includes(words[0] ?? "") ? words.shift() : undefined);

  function either(): Value {
    let value = both();
    while (next("||")) {
      const other = both();
      value = value || other;
    }
    return value;
  }
  function both(): Value {
    let value = comparison();
    while (next("&&")) {
      const other = comparison();
      value = value && other;
    }
    return value;
  }
  function comparison(): Value {
    const left = operand();
    const operator = next("==", "!=");
    return operator === undefined ? left : (left === operand()) === (operator === "==");
  }
  function operand(): Value {
    const word = words.shift() ?? "";
    if (word.startsWith("'")) return word.slice(1, -1).replaceAll("''", "'");
    if (word === "(") return closed(either());
    if (next("(")) {
      const call = context.functions[word];
      if (call === undefined) throw new Error(`No such function in ${expression}: ${word}`);
      if (next(")")) return call("");
      return closed(call(String(either())));
    }
    const value = context.values[word];
    if (value === undefined) throw new Error(`No such value in ${expression}: ${word}`);
    return value;
  }
  function closed(value: Value): Value {
    if (!next(")")) throw new Error(`A parenthesis is not closed: ${expression}`);
    return value;
  }

  const value = either();
  if (words.length > 0) throw new Error(`This of ${expression} is not understood: ${words.join(" ")}`);
  return value;
}

function tokensOf(expression: string): string[] {
  const words: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < expression.length) {
    const at = token.lastIndex;
    const word = token.exec(expression)?.[1];
    if (word === undefined) throw new Error(`This is not understood: ${expression.slice(at)}`);
    words.push(word);
  }
  return words;
}
