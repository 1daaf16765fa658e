/** What the process ends with (DESIGN.md section 9). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  belowThreshold: 3,
  cancelled: 130,
} as const;

/** How a command hands its exit code over. */
export type Finish = (exitCode: number) => void;
