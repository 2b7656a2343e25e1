import type { Statement, VariableDeclarator } from '@swc/core';
import { Visitor } from '@swc/core/Visitor.js';

interface UsingDeclaration {
  type: 'UsingDeclaration';
  decls: VariableDeclarator[];
}

/** swc's types do not know the declaration that its parser gives. */
const isUsing = (statement: { type: string }): statement is UsingDeclaration => statement.type === 'UsingDeclaration';

/**
 * Teaches swc's visitor, by which dependency-cruiser reads imports, the `using` declarations that swc's own parser
 * gives it: it throws on them (seen with @swc/core 1.16.22). The canary of the import rules holds one.
 */
export function teachUsingDeclarations(): void {
  const visitStatement = Reflect.get(Visitor.prototype, 'visitStatement');
  Visitor.prototype.visitStatement = function (this: Visitor, statement: Statement): Statement {
    if (!isUsing(statement)) return visitStatement.call(this, statement);
    statement.decls = this.visitVariableDeclarators(statement.decls);
    return statement;
  };
}
