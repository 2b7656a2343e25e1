/** The test projects by folder of test/; whatever is in none of these folders is a unit test. */
export const labProjects = ['conformance', 'integration', 'e2e'] as const;

export const projects = ['unit', ...labProjects] as const;
export type Project = (typeof projects)[number];

/** The project of a test file given by its path relative to the root. */
export function projectOf(path: string): Project {
  return labProjects.find((project) => path.startsWith(`test/${project}/`)) ?? 'unit';
}
