//! Lines, signs and sparklines for terminals that show ASCII alone.
//!
//! One pass over the finished frame, cell by cell, so that no panel has to know two sets of signs.

use ratatui::buffer::Buffer;

/// Replaces every sign the screen itself draws. Texts in other scripts stay as they are.
pub(super) fn fold(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let mut chars = cell.symbol().chars();
        if let (Some(sign), None) = (chars.next(), chars.next())
            && let Some(ascii) = plain(sign)
        {
            cell.set_char(ascii);
        }
    }
}

fn plain(sign: char) -> Option<char> {
    let ascii = match sign {
        '─' | '—' | '–' | '−' | '▃' => '-',
        '│' | '┃' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '╭' | '╮' | '╰' | '╯' | '✓' | '▅' => '+',
        '●' | '•' | '▆' => '*',
        '○' => 'o',
        '◌' | '▁' | '·' => '.',
        '▶' | '→' | '›' | '»' => '>',
        '✗' | '×' => 'x',
        '■' | '▇' => '#',
        '…' => '~',
        '▼' => 'v',
        '▲' => '^',
        '▂' => ':',
        '▄' | '▌' | '↔' => '=',
        '█' => '@',
        '▓' => '%',
        '▒' => '&',
        '░' => ',',
        _ => return None,
    };
    Some(ascii)
}
