import { type ParsedTemplate, parseTemplateFile, type TemplateFile } from '../../../rest/index.ts';
import { checkTemplate } from './check.ts';
import { type TemplateDocument, templateSchema } from './schema.ts';

/** A CRM template that passed every check; `revision` changes with its text. */
export type Template = TemplateFile<TemplateDocument>;

/** Reads a CRM template (YAML). `fileName` is only for the problems. Never throws. */
export function parseTemplate(yamlText: string, fileName: string): ParsedTemplate<TemplateDocument> {
  return parseTemplateFile({ schema: templateSchema, check: checkTemplate }, yamlText, fileName);
}
