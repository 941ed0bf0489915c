//! The configuration file, read strictly and written without disturbing what a person wrote.
