//! Which tool call a piece belongs to, whatever the server does to indexes and ids.

use crate::domain::ToolCallDelta;

/// A piece as the wire has it; empty texts say nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct ToolPiece<'a> {
    /// The wire's index, where there is one.
    pub(super) index: Option<i64>,
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) arguments: &'a str,
}

/// The calls in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Slots(Vec<Slot>);

#[derive(Debug)]
struct Slot {
    index: Option<i64>,
    id: String,
    named: bool,
    has_arguments: bool,
}

/// More calls than this in one reply are dropped: each costs the reader memory.
const CALLS_MAX: usize = 4096;

impl Slots {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True where arguments of the piece's call have arrived.
    pub(super) fn has_arguments(&self, piece: &ToolPiece<'_>) -> bool {
        self.find(piece).and_then(|slot| self.0.get(slot)).is_some_and(|slot| slot.has_arguments)
    }

    /// The delta that a piece is; `None` where it adds nothing.
    pub(super) fn place(&mut self, piece: &ToolPiece<'_>) -> Option<ToolCallDelta> {
        let found = self.find(piece);
        if found.is_none() && piece.id.is_empty() && piece.name.is_empty() && piece.arguments.is_empty() {
            return None;
        }
        let at = found.unwrap_or(self.0.len());
        if found.is_none() {
            if at >= CALLS_MAX {
                return None;
            }
            self.0.push(Slot { index: piece.index, id: String::new(), named: false, has_arguments: false });
        }
        let slot = self.0.get_mut(at)?;
        let id = (slot.id.is_empty() && !piece.id.is_empty()).then(|| piece.id.to_owned());
        let name = (!slot.named && !piece.name.is_empty()).then(|| piece.name.to_owned());
        if let Some(id) = &id {
            slot.id.clone_from(id);
        }
        slot.named |= name.is_some();
        slot.has_arguments |= !piece.arguments.is_empty();
        if id.is_none() && name.is_none() && piece.arguments.is_empty() {
            return None;
        }
        Some(ToolCallDelta { slot: at, id, name, arguments: piece.arguments.to_owned() })
    }

    fn find(&self, piece: &ToolPiece<'_>) -> Option<usize> {
        let by_index = piece.index.and_then(|index| self.0.iter().rposition(|slot| slot.index == Some(index)));
        match (piece.index, by_index) {
            // Some gateways number every call 0: a new name under a new id is a new call.
            (Some(_), Some(at)) => Some(at).filter(|at| !self.is_another(*at, piece)),
            (Some(_), None) => None,
            (None, _) if piece.id.is_empty() => {
                self.0.len().checked_sub(1).filter(|at| !self.names_another(*at, piece))
            }
            (None, _) => self.0.iter().rposition(|slot| slot.id == piece.id),
        }
    }

    fn is_another(&self, at: usize, piece: &ToolPiece<'_>) -> bool {
        let known = self.0.get(at).is_some_and(|slot| slot.named && !slot.id.is_empty() && slot.id != piece.id);
        known && !piece.id.is_empty() && !piece.name.is_empty()
    }

    /// Without index and id, a second name can only begin another call.
    fn names_another(&self, at: usize, piece: &ToolPiece<'_>) -> bool {
        !piece.name.is_empty() && self.0.get(at).is_some_and(|slot| slot.named)
    }
}
