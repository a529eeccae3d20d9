//! Which file of a crate uses which, read from the sources.
//!
//! Counted are paths (`use`, inline, in macros too), resolved through re-exports and globs to the file that defines the
//! name, and calls of methods that stand in another file than their type. A `pub use` alone counts nothing: who uses the
//! name uses its file. Tests are left out.

use proc_macro2::{TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use syn::visit::{self, Visit};

/// One crate.
#[derive(Default)]
pub(super) struct House {
    modules: Vec<Module>,
    /// Inherent methods by name.
    methods: BTreeMap<String, Vec<Method>>,
    /// Inherent impls that stand neither in their type's file nor below it.
    pub(super) strays: Vec<String>,
}

struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    items: BTreeSet<String>,
    /// What `use` brings in: the name, or `*`, and its path.
    uses: Vec<Import>,
    seen: Seen,
}

struct Import {
    name: String,
    path: Vec<String>,
    reexport: bool,
}

/// Where an inherent method stands, and its type.
struct Method {
    file: String,
    home: String,
    of: String,
}

/// What the code of a module names.
#[derive(Default)]
struct Seen {
    paths: Vec<Vec<String>>,
    /// Calls: the method, and the type where it is called on `self`.
    calls: Vec<(String, Option<String>)>,
    /// Inherent impls: the type's path and its methods.
    impls: Vec<(Vec<String>, Vec<String>)>,
    /// The type whose impl is being read.
    within: Option<String>,
}

impl House {
    /// Reads a crate from its `lib.rs` on.
    pub(super) fn read(src: &Path) -> Self {
        let mut house = Self::default();
        house.module(&src.join("lib.rs"), src, None, src);
        house.find_methods();
        house
    }

    fn module(&mut self, file: &Path, folder: &Path, parent: Option<usize>, src: &Path) -> usize {
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let items = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items;
        let name = file.strip_prefix(src).unwrap().display().to_string();
        self.items(&name, &items, folder, parent, src)
    }

    fn items(&mut self, file: &str, items: &[syn::Item], folder: &Path, parent: Option<usize>, src: &Path) -> usize {
        let this = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            uses: Vec::new(),
            seen: Seen::default(),
        });
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            if let syn::Item::Mod(inner) = item {
                let name = inner.ident.to_string();
                let below = folder.join(&name);
                let child = match &inner.content {
                    Some((_, items)) => self.items(file, items, &below, Some(this), src),
                    None => {
                        let flat = folder.join(format!("{name}.rs"));
                        let file = if flat.exists() { flat } else { below.join("mod.rs") };
                        self.module(&file, &below, Some(this), src)
                    }
                };
                self.modules[this].children.insert(name, child);
                continue;
            }
            let module = &mut self.modules[this];
            if let syn::Item::Use(one) = item {
                let reexport = !matches!(one.vis, syn::Visibility::Inherited);
                flatten(&one.tree, &mut Vec::new(), reexport, &mut module.uses);
            }
            module.items.extend(name_of(item));
            module.seen.visit_item(item);
        }
        this
    }

    /// The file that defines what a path names, as a module sees it; `None`: nothing of this crate.
    fn resolve(&self, module: usize, path: &[String], depth: usize) -> Option<String> {
        let (first, rest) = path.split_first()?;
        if depth > 16 {
            return None;
        }
        let here = &self.modules[module];
        match first.as_str() {
            "crate" => return self.inside(0, rest, depth),
            "self" => return self.inside(module, rest, depth),
            "super" => return self.inside(here.parent?, rest, depth),
            _ => {}
        }
        self.inside(module, path, depth)
    }

    fn inside(&self, module: usize, path: &[String], depth: usize) -> Option<String> {
        let here = &self.modules[module];
        let (first, rest) = path.split_first()?;
        if first == "super" {
            return self.inside(here.parent?, rest, depth);
        }
        if let Some(child) = here.children.get(first) {
            return self.inside(*child, rest, depth);
        }
        if here.items.contains(first) {
            return Some(here.file.clone());
        }
        for one in here.uses.iter().filter(|one| one.name == *first) {
            let path: Vec<String> = one.path.iter().chain(rest).cloned().collect();
            if one.path.first() != Some(first) || one.path.len() > 1 {
                return self.resolve(module, &path, depth + 1);
            }
        }
        let globs = here.uses.iter().filter(|one| one.name == "*");
        globs.filter_map(|one| self.resolve(module, &[&one.path[..], path].concat(), depth + 1)).next()
    }

    fn find_methods(&mut self) {
        let mut methods: BTreeMap<String, Vec<Method>> = BTreeMap::new();
        for (at, module) in self.modules.iter().enumerate() {
            for (of, names) in &module.seen.impls {
                let (Some(home), Some(of)) = (self.resolve(at, of, 0), of.last()) else { continue };
                let below = home.trim_end_matches(".rs").trim_end_matches("/mod");
                if home != module.file && home != "lib.rs" && !module.file.starts_with(&format!("{below}/")) {
                    self.strays.push(format!("{}: impl {of} of {home}", module.file));
                }
                for name in names {
                    let one = Method { file: module.file.clone(), home: home.clone(), of: of.clone() };
                    methods.entry(name.clone()).or_default().push(one);
                }
            }
        }
        self.methods = methods;
    }

    /// Files outside its type's that a call may lead to: of the type that is known, else where no other type has such a
    /// method in its own file.
    fn called(&self, name: &str, of: Option<&str>) -> Vec<&str> {
        let all = self.methods.get(name).map(Vec::as_slice).unwrap_or_default();
        let known: Vec<&Method> = all.iter().filter(|one| of == Some(one.of.as_str())).collect();
        let found = if known.is_empty() { all.iter().collect() } else { known };
        if found.iter().any(|one| one.file == one.home) {
            return Vec::new();
        }
        found.iter().map(|one| one.file.as_str()).collect()
    }

    /// Every file with the files that it uses, and one name of each.
    pub(super) fn arrows(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut out: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (at, module) in self.modules.iter().enumerate() {
            let from = out.entry(module.file.clone()).or_default();
            let imports = module.uses.iter().filter(|one| !one.reexport).map(|one| &one.path);
            for path in imports.chain(&module.seen.paths) {
                if let Some(to) = self.resolve(at, path, 0).filter(|to| *to != module.file) {
                    from.entry(to).or_insert_with(|| path.join("::"));
                }
            }
            for (name, of) in &module.seen.calls {
                for to in self.called(name, of.as_deref()).into_iter().filter(|to| *to != module.file) {
                    from.entry(to.to_owned()).or_insert_with(|| format!(".{name}()"));
                }
            }
        }
        out
    }
}

fn flatten(tree: &syn::UseTree, before: &mut Vec<String>, reexport: bool, out: &mut Vec<Import>) {
    let mut put = |name: String, last: Option<String>, before: &[String]| {
        let path = before.iter().cloned().chain(last).collect();
        out.push(Import { name, path, reexport });
    };
    match tree {
        syn::UseTree::Path(one) => {
            before.push(one.ident.to_string());
            flatten(&one.tree, before, reexport, out);
            before.pop();
        }
        syn::UseTree::Group(group) => group.items.iter().for_each(|one| flatten(one, before, reexport, out)),
        syn::UseTree::Glob(_) => put("*".to_owned(), None, before),
        syn::UseTree::Name(one) if one.ident == "self" => put(before.last().cloned().unwrap_or_default(), None, before),
        syn::UseTree::Name(one) => put(one.ident.to_string(), Some(one.ident.to_string()), before),
        syn::UseTree::Rename(one) => {
            let last = one.ident.to_string();
            put(one.rename.to_string(), (last != "self").then_some(last), before);
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|one| {
        let of = one.path();
        of.is_ident("test")
            || (of.is_ident("cfg") && one.parse_args::<syn::Path>().is_ok_and(|one| one.is_ident("test")))
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(one) => &one.attrs,
        syn::Item::Fn(one) => &one.attrs,
        syn::Item::Use(one) => &one.attrs,
        syn::Item::Impl(one) => &one.attrs,
        syn::Item::Const(one) => &one.attrs,
        syn::Item::Struct(one) => &one.attrs,
        _ => &[],
    }
}

fn name_of(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(one) => &one.ident,
        syn::Item::Enum(one) => &one.ident,
        syn::Item::Fn(one) => &one.sig.ident,
        syn::Item::Static(one) => &one.ident,
        syn::Item::Struct(one) => &one.ident,
        syn::Item::Trait(one) => &one.ident,
        syn::Item::Type(one) => &one.ident,
        syn::Item::Union(one) => &one.ident,
        syn::Item::Macro(one) => one.ident.as_ref()?,
        _ => return None,
    };
    Some(name.to_string())
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|one| one.ident.to_string()).collect()
}

impl<'a> Visit<'a> for Seen {
    fn visit_path(&mut self, path: &'a syn::Path) {
        self.paths.push(segments(path));
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        let is_self = matches!(&*call.receiver, syn::Expr::Path(path) if path.path.is_ident("self"));
        let of = self.within.clone().filter(|_| is_self);
        self.calls.push((call.method.to_string(), of));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_impl(&mut self, one: &'a syn::ItemImpl) {
        let syn::Type::Path(of) = &*one.self_ty else { return visit::visit_item_impl(self, one) };
        self.within = of.path.segments.last().map(|one| one.ident.to_string());
        if one.trait_.is_none() {
            let names = one.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(one) => Some(one.sig.ident.to_string()),
                _ => None,
            });
            self.impls.push((segments(&of.path), names.collect()));
        }
        visit::visit_item_impl(self, one);
        self.within = None;
    }

    fn visit_macro(&mut self, one: &'a syn::Macro) {
        self.tokens(one.tokens.clone());
        visit::visit_macro(self, one);
    }
}

impl Seen {
    /// Paths and calls in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons, mut dot) = (Vec::new(), 0, false);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if dot {
                        self.calls.push((name.to_string(), None));
                    } else if colons == 2 || path.is_empty() {
                        path.push(name.to_string());
                    } else {
                        self.paths.push(std::mem::replace(&mut path, vec![name.to_string()]));
                    }
                    (colons, dot) = (0, false);
                    continue;
                }
                TokenTree::Punct(one) if one.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Punct(one) => dot = one.as_char() == '.',
                TokenTree::Group(group) => {
                    dot = false;
                    self.tokens(group.stream());
                }
                TokenTree::Literal(_) => dot = false,
            }
            colons = 0;
            self.paths.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
        }
        self.paths.extend((!path.is_empty()).then_some(path));
    }
}
