import { oneLine } from '../terminal.js';
import type { Candidate } from './candidates.js';

/** How a shell asks what may come next, and reads what it is told. */
interface Shell {
  /** What the shell runs when it starts. */
  readonly script: string;
  readonly lineOf: (candidate: Candidate) => string;
}

const MOST_CHARACTERS = 80;
const about = (text: string): string => oneLine(text.split(/(?<=\.)\s/)[0] ?? '', MOST_CHARACTERS);

/** Each asks the program itself at every Tab, so that the script is the same for every release. Where nothing is told, files are. */
export const SHELLS = {
  // For bash 3.2 too, which macOS has.
  bash: {
    script: `_holdfast() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(holdfast completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _holdfast holdfast`,
    lineOf: ({ word }) => word,
  },
  zsh: {
    script: `#compdef holdfast
_holdfast() {
  local -a found
  found=("\${(@f)$(holdfast completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then _describe holdfast found; else _files; fi
}
if [[ "\${funcstack[1]}" == _holdfast ]]; then _holdfast "$@"; else compdef _holdfast holdfast; fi`,
    lineOf: (candidate) => (candidate.about === '' ? escaped(candidate.word) : `${escaped(candidate.word)}:${escaped(about(candidate.about))}`),
  },
  fish: {
    script: `function __holdfast_words
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l found (holdfast completion fish -- $before[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c holdfast -f -a '(__holdfast_words)'`,
    lineOf: (candidate) => (candidate.about === '' ? candidate.word : `${candidate.word}\t${about(candidate.about)}`),
  },
} as const satisfies Readonly<Record<string, Shell>>;

export type ShellName = keyof typeof SHELLS;

/** A colon parts a word from what it is about. */
const escaped = (text: string): string => text.replaceAll(':', '\\:');
