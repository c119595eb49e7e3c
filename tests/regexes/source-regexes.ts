import ts from 'typescript'

/** A regular expression as it stands in a source file. */
export interface SourceRegex {
  line: number
  source: string
  flags: string
  /** The text of a part that is known at run time only; `WORD` stands in its place. */
  holes: string[]
}

/** What stands for a part that is put in at run time, which has to be plain letters. */
const WORD = 'word'

/** Methods of texts that make a regular expression of a text. */
const COMPILING = ['match', 'matchAll', 'search']

/** Every regular expression of a file: literals, `RegExp(…)`, and texts that a method makes one of. */
export function regexesOf(path: string, text: string): SourceRegex[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const found: SourceRegex[] = []
  visit(file)
  return found

  function visit(node: ts.Node): void {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      add(node, { source: node.text.slice(1, end), flags: node.text.slice(end + 1), holes: [] })
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const { expression, arguments: given = [] } = node
      const isRegExp = ts.isIdentifier(expression) && expression.text === 'RegExp'
      const compiles =
        ts.isPropertyAccessExpression(expression) && COMPILING.includes(expression.name.text)
      const [pattern, flags] = given
      if (pattern && (isRegExp || (compiles && ts.isStringLiteralLike(pattern))))
        add(node, { ...partsOf(pattern), flags: flags ? partsOf(flags).source : '' })
    }
    ts.forEachChild(node, visit)
  }

  function add(node: ts.Node, regex: Omit<SourceRegex, 'line'>): void {
    found.push({
      line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      ...regex,
    })
  }
}

function partsOf(node: ts.Expression): { source: string; holes: string[] } {
  if (ts.isStringLiteralLike(node)) return { source: node.text, holes: [] }
  if (!ts.isTemplateExpression(node)) return { source: WORD, holes: [node.getText()] }
  return {
    source: node.templateSpans.reduce(
      (text, span) => text + WORD + span.literal.text,
      node.head.text,
    ),
    holes: node.templateSpans.map((span) => span.expression.getText()),
  }
}
