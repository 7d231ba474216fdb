using System.CommandLine;

namespace Simkeeper.Cli.Commands;

/// <summary>Prints a script that lets a shell complete commands and options. The program itself answers what is possible.</summary>
internal sealed class Completion : Command
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _simkeeper() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(simkeeper "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _simkeeper simkeeper
            """,
        ["zsh"] = """
            #compdef simkeeper
            _simkeeper() {
              local -a words_found
              words_found=(${(f)"$(simkeeper "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)"})
              compadd -a words_found
            }
            compdef _simkeeper simkeeper
            """,
        ["fish"] = """
            complete -c simkeeper -f -a '(simkeeper "[suggest:"(string length (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName simkeeper -ScriptBlock {
              param($word, $line, $position)
              simkeeper "[suggest:$position]" "$line" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh, fish or pwsh." };

    public Completion() : base("completion", "Print a script that lets your shell complete commands.")
    {
        _shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Add(_shell);
        SetAction(parsed =>
        {
            Console.WriteLine(Scripts[parsed.GetRequiredValue(_shell)]);
            return ExitCode.Done;
        });
    }
}
