/** The programs and ways that can sweep from a node; `bash` and `nc` are further down the ladder. */
export const engineNames = ['python', 'perl', 'dial'] as const;
export type EngineName = (typeof engineNames)[number];
