//! Resolves secret references at request time.
