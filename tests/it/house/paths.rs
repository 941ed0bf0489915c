//! Every path that a file names, written out from the crate's root or another crate's name.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ImplItemFn, ItemFn, ItemImpl, ItemMod, ItemUse, Macro, Path, UseTree};

use super::source::{Source, for_tests};

/// A path and the line it stands on.
pub(crate) struct Named {
    pub(crate) path: String,
    pub(crate) line: usize,
}

/// The paths of a file, code for tests left out.
pub(crate) fn of(source: &Source) -> Vec<Named> {
    let mut imports = Imports { module: source.module.clone(), known: HashMap::new(), named: Vec::new() };
    source.items.iter().for_each(|item| imports.visit_item(item));
    let Imports { known, named, .. } = imports;
    let mut uses = Uses { module: source.module.clone(), known, named };
    source.items.iter().for_each(|item| uses.visit_item(item));
    uses.named
}

/// First the imports, for other paths begin with the names they bring.
struct Imports {
    module: Vec<String>,
    known: HashMap<String, String>,
    named: Vec<Named>,
}

impl Imports {
    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |ident: &Ident| [before, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(before, tree)),
            UseTree::Name(name) if name.ident == "self" => {
                let own = before.last().cloned().unwrap_or_default();
                self.keep(before, &own, &name.ident);
            }
            UseTree::Name(name) => self.keep(&with(&name.ident), &name.ident.to_string(), &name.ident),
            UseTree::Rename(rename) if rename.ident == "self" => {
                self.keep(before, &rename.rename.to_string(), &rename.ident);
            }
            UseTree::Rename(rename) => self.keep(&with(&rename.ident), &rename.rename.to_string(), &rename.ident),
            UseTree::Glob(glob) => {
                let path = resolve(&self.module, [before, &["*".to_owned()]].concat());
                self.named
                    .push(Named { path, line: glob.star_token.spans.first().map_or(0, |span| span.start().line) });
            }
        }
    }

    fn keep(&mut self, path: &[String], name: &str, at: &Ident) {
        let path = resolve(&self.module, path.to_vec());
        self.known.insert(name.to_owned(), path.clone());
        self.named.push(Named { path, line: at.span().start().line });
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !for_tests(&item.attrs) {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !for_tests(&item.attrs) {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }
}

/// Then every other path, those in the arguments of macros included.
struct Uses {
    module: Vec<String>,
    known: HashMap<String, String>,
    named: Vec<Named>,
}

impl Uses {
    fn keep(&mut self, idents: &[Ident]) {
        let Some((first, rest)) = idents.split_first().filter(|(_, rest)| !rest.is_empty()) else { return };
        let start = self.known.get(&first.to_string()).cloned();
        let start = start.unwrap_or_else(|| first.to_string());
        let parts = start.split("::").map(str::to_owned).chain(rest.iter().map(ToString::to_string)).collect();
        let path = resolve(&self.module, parts);
        self.named.push(Named { path, line: first.span().start().line });
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut idents: Vec<Ident> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.keep(&std::mem::take(&mut idents));
                    }
                    idents.push(ident);
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.keep(&std::mem::take(&mut idents)),
                TokenTree::Group(group) => {
                    self.keep(&std::mem::take(&mut idents));
                    self.tokens(group.stream());
                }
            }
        }
        self.keep(&idents);
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_use(&mut self, _: &'ast ItemUse) {}

    fn visit_path(&mut self, path: &'ast Path) {
        let idents: Vec<Ident> = path.segments.iter().map(|segment| segment.ident.clone()).collect();
        self.keep(&idents);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !for_tests(&item.attrs) {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !for_tests(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }
}

/// The path with `self` and `super` followed, from `crate` or another crate's name.
fn resolve(module: &[String], mut parts: Vec<String>) -> String {
    let mut base = module.to_vec();
    let relative = parts.first().is_some_and(|first| first == "self" || first == "super");
    while let Some(first) = parts.first().filter(|first| *first == "self" || *first == "super") {
        if first == "super" {
            base.pop();
        }
        parts.remove(0);
    }
    if relative {
        base.insert(0, "crate".to_owned());
        parts.splice(0..0, base);
    }
    parts.join("::")
}
