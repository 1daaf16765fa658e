/** Text as Markdown that shows just this text. Names come from files: they must never become links or markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~$&:@]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
