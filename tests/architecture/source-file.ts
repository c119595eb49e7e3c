import ts from 'typescript'

interface Import {
  from: string
  typeOnly: boolean
}

/** What the architecture rules want to know of one file. */
export interface SourceFacts {
  lines: number
  imports: Import[]
  /** Values of the runtime that the file uses by name and doesn't declare itself. */
  ambient: { name: string; line: number; formatsDate: boolean }[]
  /** Classes that don't extend something called `…Error`. */
  classes: string[]
  /** Bindings of the module that can be assigned again. */
  mutable: string[]
  defaultExport: boolean
  starExport: boolean
  exported: { name: string; kind: 'value' | 'type' }[]
}

/** Reads one file's text. `ambientNames` are what to look for in expressions. */
export function readSource(
  path: string,
  text: string,
  ambientNames: readonly string[] = [],
): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const facts: SourceFacts = {
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports: [],
    ambient: [],
    classes: [],
    mutable: [],
    defaultExport: false,
    starExport: false,
    exported: [],
  }
  const declared = new Set<string>()
  const used: { name: string; node: ts.Node }[] = []

  for (const statement of file.statements) readStatement(statement, facts)
  visit(file)
  facts.ambient = used
    .filter(({ name }) => !declared.has(name.split('.')[0] ?? ''))
    .map(({ name, node }) => ({
      name,
      line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      formatsDate: name === 'Date' && formatsDate(node),
    }))
  return facts

  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const from = node.arguments[0]
      facts.imports.push({
        from: from && ts.isStringLiteral(from) ? from.text : '(computed)',
        typeOnly: false,
      })
    }
    if ((ts.isClassDeclaration(node) || ts.isClassExpression(node)) && !extendsError(node))
      facts.classes.push(node.name?.text ?? '(anonymous)')
    if (ts.isIdentifier(node)) {
      if (isDeclared(node)) declared.add(node.text)
      else if (ambientNames.includes(node.text) && isUse(node)) used.push({ name: node.text, node })
    }
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const name = `${node.expression.text}.${node.name.text}`
      if (ambientNames.includes(name)) used.push({ name, node })
    }
    ts.forEachChild(node, visit)
  }
}

function readStatement(statement: ts.Statement, facts: SourceFacts): void {
  const add = (name: string, kind: 'value' | 'type'): void =>
    void facts.exported.push({ name, kind })
  if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
    const from = statement.moduleSpecifier
    const names = ts.isImportDeclaration(statement)
      ? statement.importClause?.namedBindings
      : statement.exportClause
    const clauseIsType = ts.isImportDeclaration(statement)
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly
    const listed =
      names && (ts.isNamedImports(names) || ts.isNamedExports(names)) ? names.elements : []
    const hasDefault =
      ts.isImportDeclaration(statement) && statement.importClause?.name !== undefined
    if (from && ts.isStringLiteral(from))
      facts.imports.push({
        from: from.text,
        typeOnly:
          clauseIsType ||
          (!hasDefault && listed.length > 0 && listed.every((element) => element.isTypeOnly)),
      })
    if (ts.isExportDeclaration(statement)) {
      if (!statement.exportClause || ts.isNamespaceExport(statement.exportClause))
        facts.starExport = true
      for (const element of listed) {
        if (element.name.text === 'default') facts.defaultExport = true
        add(element.name.text, clauseIsType || element.isTypeOnly ? 'type' : 'value')
      }
    }
    return
  }
  if (ts.isExportAssignment(statement)) facts.defaultExport = true
  const flags = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
  const has = (kind: ts.SyntaxKind): boolean => flags.some((flag) => flag.kind === kind)
  if (has(ts.SyntaxKind.DefaultKeyword)) facts.defaultExport = true
  const exported = has(ts.SyntaxKind.ExportKeyword)
  if (ts.isVariableStatement(statement)) {
    const constant = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0
    for (const { name } of statement.declarationList.declarations) {
      if (!constant) facts.mutable.push(name.getText())
      if (exported) add(name.getText(), 'value')
    }
  } else if (exported) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
      add(statement.name.text, 'type')
    else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
      add(statement.name?.text ?? 'default', 'value')
  }
}

function extendsError(node: ts.ClassLikeDeclaration): boolean {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
  return clause?.types[0]?.expression.getText().endsWith('Error') ?? false
}

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    ((ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isFunctionDeclaration(parent)) &&
      parent.name === node) ||
    (ts.isBindingElement(parent) && parent.name === node) ||
    (ts.isImportSpecifier(parent) && parent.name === node)
  )
}

/** A name in an expression, not a property's, a label's or an exported alias's. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  return !(
    ts.isMethodDeclaration(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isBindingElement(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent)
  )
}

function formatsDate(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) > 0
  return ts.isPropertyAccessExpression(parent) && parent.name.text === 'parse'
}
