//! Which file of a crate uses which, read from the sources.
//!
//! Counted are paths (`use`, inline, in macros and attributes too), resolved through re-exports and globs to the file that
//! defines the name, and inherent functions of a type, called as methods or by a path, that stand in another file than the
//! type. A `pub use` alone counts nothing: who uses the name uses its file. Not counted are calls through a trait, which are
//! there so that the caller need not know whom he calls. Tests are left out.

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
    /// Variants by enum.
    variants: BTreeMap<String, BTreeSet<String>>,
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
    /// Imports within a body.
    uses: Vec<Import>,
    /// Paths of two names and more, each with the type in whose impl it stands.
    functions: Vec<(Vec<String>, Option<String>)>,
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
            variants: BTreeMap::new(),
            uses: Vec::new(),
            seen: Seen::default(),
        });
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            if let syn::Item::Mod(inner) = item {
                assert!(
                    !inner.attrs.iter().any(|one| one.path().is_ident("path")),
                    "{file}: a module lies where its name says"
                );
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
                continue;
            }
            module.items.extend(name_of(item));
            if let syn::Item::Enum(one) = item {
                let names = one.variants.iter().map(|variant| variant.ident.to_string()).collect();
                module.variants.insert(one.ident.to_string(), names);
            }
            module.seen.visit_item(item);
        }
        let module = &mut self.modules[this];
        module.uses.append(&mut module.seen.uses);
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
        let globs = here.uses.iter().filter(|one| one.name == "*" && self.may_have(module, &one.path, first));
        globs.filter_map(|one| self.resolve(module, &[&one.path[..], path].concat(), depth + 1)).next()
    }

    /// Whether a glob may bring this name: one of an enum brings its variants alone.
    fn may_have(&self, module: usize, glob: &[String], name: &str) -> bool {
        let Some(file) = self.resolve(module, glob, 0) else { return true };
        let all = self.modules.iter().filter(|one| one.file == file);
        let mut known = all.filter_map(|one| one.variants.get(glob.last()?));
        known.any(|names| names.contains(name))
    }

    /// The file in which an inherent function stands that a path names by its type, where that is not the type's.
    fn function(&self, module: usize, path: &[String], within: Option<&str>) -> Vec<&str> {
        let [of @ .., name] = path else { return Vec::new() };
        let Some(last) = of.last() else { return Vec::new() };
        let home = if last == "Self" { None } else { self.resolve(module, of, 0) };
        let of = if last == "Self" { within } else { Some(last.as_str()) };
        let all = self.methods.get(name).into_iter().flatten().filter(|one| Some(one.of.as_str()) == of);
        all.filter(|one| home.as_ref().is_none_or(|home| one.home == *home) && one.file != one.home)
            .map(|one| one.file.as_str())
            .collect()
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

    /// Every path outside the crate that its code names, with the file: `std::fs::read`.
    pub(super) fn outside(&self) -> BTreeSet<(String, String)> {
        let of = |module: &Module| -> Vec<(String, String)> {
            let imports = module.uses.iter().map(|one| &one.path);
            imports.chain(&module.seen.paths).map(|path| (path.join("::"), module.file.clone())).collect()
        };
        self.modules.iter().flat_map(of).filter(|(path, _)| !path.starts_with("crate")).collect()
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
            for (path, within) in &module.seen.functions {
                for to in self.function(at, path, within.as_deref()).into_iter().filter(|to| *to != module.file) {
                    from.entry(to.to_owned()).or_insert_with(|| path.join("::"));
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
        let path_of = segments(path);
        if path_of.len() > 1 {
            self.functions.push((path_of.clone(), self.within.clone()));
        }
        self.paths.push(path_of);
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
                syn::ImplItem::Const(one) => Some(one.ident.to_string()),
                _ => None,
            });
            self.impls.push((segments(&of.path), names.collect()));
        }
        visit::visit_item_impl(self, one);
        self.within = None;
    }

    fn visit_item_use(&mut self, one: &'a syn::ItemUse) {
        flatten(&one.tree, &mut Vec::new(), false, &mut self.uses);
    }

    /// Derives read paths in attributes, as words or within a string.
    fn visit_attribute(&mut self, one: &'a syn::Attribute) {
        if let syn::Meta::List(list) = &one.meta
            && !one.path().is_ident("doc")
        {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, one: &'a syn::Macro) {
        self.tokens(one.tokens.clone());
        visit::visit_macro(self, one);
    }
}

impl Seen {
    /// Paths and calls in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons, mut dots) = (Vec::new(), 0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if dots == 1 {
                        self.calls.push((name.to_string(), None));
                    } else if colons == 2 || path.is_empty() {
                        path.push(name.to_string());
                    } else {
                        self.found(std::mem::replace(&mut path, vec![name.to_string()]));
                    }
                    (colons, dots) = (0, 0);
                    continue;
                }
                TokenTree::Punct(one) if one.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Punct(one) => dots = if one.as_char() == '.' { dots + 1 } else { 0 },
                TokenTree::Group(group) => {
                    dots = 0;
                    self.tokens(group.stream());
                }
                TokenTree::Literal(one) => {
                    dots = 0;
                    // `serde(with = "a::b")` names what it calls.
                    let text = one.to_string();
                    if let Ok(named) = syn::parse_str::<syn::Path>(text.trim_matches('"')) {
                        self.paths.push(segments(&named));
                    }
                }
            }
            colons = 0;
            self.found(std::mem::take(&mut path));
        }
        self.found(path);
    }

    fn found(&mut self, path: Vec<String>) {
        if path.len() > 1 {
            self.functions.push((path.clone(), self.within.clone()));
        }
        self.paths.extend((!path.is_empty()).then_some(path));
    }
}
