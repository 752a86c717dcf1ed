/**
 * The scripts, one a shell. Each asks `kmsprobe completion words`, and evaluates nothing: neither what was typed nor what is
 * answered. The first line says whether files fit as well, and what stands before them in the word.
 */

const BASH = `# kmsprobe: completion for bash
_kmsprobe() {
  local line=\${COMP_LINE:0:COMP_POINT} part=\${COMP_WORDS[COMP_CWORD]} how value
  local -a words
  read -r -a words <<<"$line"
  [[ $line == *[[:blank:]] ]] && words+=("")
  # What stands before the command's name, as NAME=value, is none of ours.
  while [ "\${#words[@]}" -gt 1 ] && [ "\${words[0]}" != "$1" ]; do words=("\${words[@]:1}"); done
  local last=$((\${#words[@]} - 1))
  [ "$last" -gt 0 ] || return
  local current=\${words[last]}
  # Bash takes = and : for the end of a word, and replaces what is behind the last of them.
  [[ $part == [=:]* ]] && part=
  [[ $part == "$2" ]] || part=$2
  local gone=\${current%"$part"}
  COMPREPLY=()
  {
    IFS=$'\\t' read -r how _
    while IFS=$'\\t' read -r value _; do
      value=\${value#"$gone"}
      [ "$how" = open ] || value=$(printf '%q' "$value")
      COMPREPLY+=("$value")
    done
  } < <(kmsprobe completion words --current="$current" -- "\${words[@]:1:last-1}" 2>/dev/null)
  if [ "$how" = files ] && [ "\${#COMPREPLY[@]}" -gt 0 ] && [ -n "$part" ]; then
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$part")
  fi
  # Without a value, bash's own completion of files takes over; bash 3 has no way to hold it back.
  if type compopt >/dev/null 2>&1; then
    [ "$how" = files ] || compopt +o default
    [ "$how" != open ] || compopt -o nospace
  fi
}
complete -o default -F _kmsprobe kmsprobe
`;

const ZSH = `#compdef kmsprobe
# kmsprobe: completion for zsh
_kmsprobe() {
  local how lead value said
  local -a values
  {
    IFS=$'\\t' read -r how lead
    while IFS=$'\\t' read -r value said; do
      value=\${value//\\\\/\\\\\\\\}
      values+=("\${value//:/\\\\:}\${said:+:$said}")
    done
  } < <(kmsprobe completion words --current="\${(Q)PREFIX}" -- "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null)
  local found=1
  if (( \${#values} )); then
    if [[ $how == open ]]; then
      _describe -t values value values -S '' && found=0
    else
      _describe -t values value values && found=0
    fi
  fi
  if [[ $how == files ]]; then
    (( \${#lead} )) && compset -p \${#lead}
    _files && found=0
  fi
  return found
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _kmsprobe "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _kmsprobe kmsprobe
fi
`;

const FISH = `# kmsprobe: completion for fish
function __kmsprobe_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l lines (kmsprobe completion words --current="$current" -- $words 2>/dev/null)
    set -l how (string split -m 1 \\t -- $lines[1])
    set -e lines[1]
    test (count $lines) -gt 0; and printf '%s\\n' $lines
    if test "$how[1]" = files
        set -l rest (string sub -s (math 1 + (string length -- "$how[2]")) -- "$current")
        for file in (__fish_complete_path "$rest")
            printf '%s\\n' "$how[2]$file"
        end
    end
end
complete -c kmsprobe -f -a '(__kmsprobe_complete)'
`;

const POWERSHELL = `# kmsprobe: completion for PowerShell
Register-ArgumentCompleter -Native -CommandName kmsprobe -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or ($wordToComplete -eq '' -and $_.Extent.EndOffset -le $cursorPosition) } |
        ForEach-Object { $_.Extent.Text.Trim('"', "'") })
    $lines = @(kmsprobe completion words "--current=$wordToComplete" -- @before 2>$null)
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $value, $said = $_ -split [char]9, 2
        if (-not $said) { $said = $value }
        $text = if ($value -match '[^\\w.:=/-]') { "'" + ($value -replace "'", "''") + "'" } else { $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $said)
    }
}
`;

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };
