/** The programs and ways that can sweep from a node, best first. */
export const engineNames = ['python', 'perl', 'dial', 'bash', 'nc'] as const;
export type EngineName = (typeof engineNames)[number];
