import type { Span, Statement, VariableDeclarator } from '@swc/core';
import { Visitor } from '@swc/core/Visitor.js';

/** swc's parser gives this, its types do not know it. */
interface UsingDeclaration {
  type: 'UsingDeclaration';
  span: Span;
  decls: VariableDeclarator[];
}

/**
 * Teaches swc's visitor, by which dependency-cruiser reads imports, the `using` declarations that swc's own parser
 * gives it: it throws on them (seen with @swc/core 1.16.22). The canary of the import rules holds one. The tree is only
 * read, so that what stands in its place afterwards does not matter.
 */
export function teachUsingDeclarations(): void {
  const visitStatement = Reflect.get(Visitor.prototype, 'visitStatement');
  Visitor.prototype.visitStatement = function (this: Visitor, statement: Statement | UsingDeclaration): Statement {
    if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
    this.visitVariableDeclarators(statement.decls);
    return { type: 'EmptyStatement', span: statement.span };
  };
}
