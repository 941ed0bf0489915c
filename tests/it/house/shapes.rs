//! How large the functions, structs and enums of a file are, and what their parameters are.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Fields, FnArg, ImplItemFn, ItemEnum, ItemFn, ItemImpl, ItemMod, ItemStruct, Signature, Type,
};

use super::source::{Finding, Source, for_tests};
use super::{ENUM_VARIANTS, FN_LINES, LARGE_TYPES, STRUCT_FIELDS};

/// What was measured in a file.
pub(crate) struct Shapes<'a> {
    source: &'a Source,
    theirs: Signatures,
    pub(crate) findings: Vec<Finding>,
    /// Lines of each function, from `fn` to its closing brace.
    pub(crate) lengths: Vec<usize>,
}

/// Whose signatures are being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signatures {
    /// Written here.
    Ours,
    /// Those of a trait.
    Traits,
}

/// Measures a file, code for tests left out.
pub(crate) fn of(source: &Source) -> Shapes<'_> {
    let mut shapes = Shapes { source, theirs: Signatures::Ours, findings: Vec::new(), lengths: Vec::new() };
    source.items.iter().for_each(|item| shapes.visit_item(item));
    shapes
}

impl Shapes<'_> {
    fn broken(&mut self, line: usize, rule: &str) {
        self.findings.push(self.source.finding(line, rule));
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        let first = signature.fn_token.span.start().line;
        let lines = block.brace_token.span.close().end().line + 1 - first;
        self.lengths.push(lines);
        if lines > FN_LINES {
            let name = &signature.ident;
            self.broken(first, &format!("a function has at most {FN_LINES} lines, {name} has {lines}"));
        }
        if self.theirs == Signatures::Ours && signature.inputs.iter().any(is_bool) {
            self.broken(first, &format!("{} takes a bool; an enum of two says what is meant", signature.ident));
        }
    }

    fn members(&mut self, name: &syn::Ident, count: usize, rule: (&str, usize)) {
        let (what, most) = rule;
        let excused = LARGE_TYPES.iter().any(|(large, _)| name == large);
        if count > most && !excused {
            self.broken(name.span().start().line, &format!("{name} has {count} {what}, the rule is {most}"));
        }
    }
}

impl<'ast> Visit<'ast> for Shapes<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !for_tests(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !for_tests(&item.attrs) {
            self.function(&item.sig, &item.block);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !for_tests(&item.attrs) {
            let outer = self.theirs;
            self.theirs = if item.trait_.is_some() { Signatures::Traits } else { Signatures::Ours };
            visit::visit_item_impl(self, item);
            self.theirs = outer;
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !for_tests(&item.attrs) {
            self.function(&item.sig, &item.block);
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        let fields = match &item.fields {
            Fields::Named(fields) => fields.named.len(),
            Fields::Unnamed(fields) => fields.unnamed.len(),
            Fields::Unit => 0,
        };
        // A field of a clap struct is an argument of the command line; nesting them would only hide that.
        if !derives_clap(&item.attrs) {
            self.members(&item.ident, fields, ("fields", STRUCT_FIELDS));
        }
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        if !derives_clap(&item.attrs) {
            self.members(&item.ident, item.variants.len(), ("variants", ENUM_VARIANTS));
        }
    }
}

fn is_bool(argument: &FnArg) -> bool {
    match argument {
        FnArg::Typed(typed) => matches!(&*typed.ty, Type::Path(path) if path.path.is_ident("bool")),
        FnArg::Receiver(_) => false,
    }
}

fn derives_clap(attributes: &[Attribute]) -> bool {
    let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    let mut words = derives.filter_map(|attribute| attribute.span().source_text());
    words.any(|derive| ["Args", "Parser", "Subcommand"].iter().any(|name| derive.contains(name)))
}
