"""Names that are obeyed somewhere: by a terminal, a spreadsheet, a drawing, a file system."""

HOSTILE = {
    "markup": "Rencana [draf] [bold]tebal[/bold]",
    "closing markup": "[/b] Rencana [/]",
    "link": "[link=https://x.invalid]Rencana[/link] :warning: 1:2:3",
    "direction": "Rencana \u202egnidnats\u202c \u200fkecil\u2066!",
    "formula": "=cmd|' /C calc'!A0",
    "sum": "+1+1 Rencana",
    "mention": "@SUM(1) -Rencana",
    "tags": '<script>alert("Rencana") & \'</text>--> ]]>',
    "mathematics": r"Rencana $x^2$ \frac{1}{2} $ \\",
    "formats": "Rencana %s %(x)d {x} {0} {{}} \\N{DEGREE SIGN}",
    "lines": "Rencana\nkedua\n\tketiga",
    "long": "Rencana yang panjang sekali " + "ulang " * 50,
    "one word": "R" + "a" * 180,
    "emoji": "Rencana \U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f",
    "combining": "Re\u0301ncana Z\u0351\u036b\u0343\u036aa\u0302",
    "arabic": "\u062e\u0637\u0629 \u0661\u0662",
    "folders": "../../Rencana/..\\CON: *?",
    "yaml": "Rencana: &a *b !!c # d \"e\" 'f' | > %",
}
"""Each is a valid name of a scenario but for its length, and of anything else."""
