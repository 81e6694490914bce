//! The style sheet. Colours come from the page: its text's colour, and the variables of rustdoc's themes where they are set.

/// Of the picture inside a page. One line, as everything in it.
pub(super) const INLINE: &str = concat!(
    ".catena-graph{display:block;overflow-x:auto;container-type:inline-size;margin:1em 0;line-height:normal}",
    ".catena-graph svg{display:block;--l:var(--link-color,#3873ad)}",
    ".catena-graph svg.narrow{display:none}",
);

/// Of the picture in a file of its own.
pub(super) const STANDALONE: &str = concat!(
    ".catena-graph{color:#1d2329;background:#fff;--l:#2b64a0}",
    "@media(prefers-color-scheme:dark){.catena-graph{color:#dfe3e8;background:#15191e;--l:#7db4ee}}",
);

/// Of everything drawn. Short names, since every picture on a page carries it: `w` a rail, `s` one on which pieces go, `g` the
/// bar where they stop, `h` and `p` arrowheads, `e` a way that is taken on failure, `b` in rails a way back, `x` a bracket,
/// `d` a dot, `y` a frame, `m` the frame of a map and `u` the sheet behind it, `z` dashed, `l` a label on a rail, `b` on a group
/// a box, `i` an icon, `n` a name, `c` a caption, `f` a field, `t` a type, `o` an outcome; `k…` kinds, `q…` outcomes.
pub(super) const SHARED: &str = concat!(
    ".catena-graph svg text,svg.catena-graph text{fill:currentColor;font:11px 'Fira Sans',system-ui,Arial,sans-serif}",
    ".catena-graph .n,.catena-graph .f,.catena-graph .t{font-family:'Source Code Pro',ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}",
    ".catena-graph .n{font-size:13px;font-weight:600}",
    ".catena-graph .f{font-size:11.5px}",
    ".catena-graph .t{font-size:10.5px;opacity:.72}",
    ".catena-graph .c{opacity:.72}",
    ".catena-graph .m{text-anchor:middle}",
    ".catena-graph path,.catena-graph .y,.catena-graph rect.m{fill:none}",
    ".catena-graph .r{opacity:.62}",
    ".catena-graph .w,.catena-graph .s,.catena-graph .e,.catena-graph .b>path,.catena-graph path.b,.catena-graph .g{stroke:currentColor;stroke-width:1.5}",
    ".catena-graph path.b{stroke-width:1.25}",
    ".catena-graph .w{stroke-linecap:square}",
    ".catena-graph .s{stroke:#3b8ac4;stroke-width:2.5;stroke-dasharray:6 3.5}",
    ".catena-graph .g{stroke:#3b8ac4;stroke-width:2.5;stroke-linecap:round}",
    ".catena-graph .e{stroke-dasharray:2 3}",
    ".catena-graph path.h,.catena-graph .d{fill:currentColor}",
    ".catena-graph path.p{fill:#3b8ac4}",
    ".catena-graph .x{stroke:currentColor;stroke-width:1}",
    ".catena-graph .y,.catena-graph .u,.catena-graph rect.m{stroke:currentColor;stroke-opacity:.38}",
    ".catena-graph .l{fill:currentColor;fill-opacity:.06;stroke:currentColor;stroke-opacity:.4}",
    ".catena-graph .z{stroke-dasharray:4 3}",
    ".catena-graph path.i{stroke:currentColor;stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round;opacity:.8}",
    ".catena-graph g.b{--c:currentColor}",
    ".catena-graph g.b>rect,.catena-graph g.b>a>rect{fill:var(--c);fill-opacity:.1;stroke:var(--c);stroke-opacity:.75}",
    ".catena-graph g.b path.i{stroke:var(--c);opacity:1}",
    ".catena-graph g.k0{--c:currentColor}",
    ".catena-graph g.k0>rect,.catena-graph g.k0>a>rect{fill-opacity:.05;stroke-opacity:.45}",
    ".catena-graph g.k1{--c:#3b82d6}",
    ".catena-graph g.k2{--c:#9061e0}",
    ".catena-graph g.k3{--c:#1a9c80}",
    ".catena-graph g.k4{--c:#cb7a1f}",
    ".catena-graph g.k5{--c:#a98a12}",
    ".catena-graph g.k6{--c:#0f93b0}",
    ".catena-graph g.k7{--c:#c2589b}",
    ".catena-graph g.k8>rect,.catena-graph g.k8>a>rect{fill-opacity:.03;stroke-opacity:.55;stroke-dasharray:5 3}",
    ".catena-graph circle.d{opacity:.75}",
    ".catena-graph svg a,svg.catena-graph a{color:inherit;text-decoration:none}",
    ".catena-graph a .n{fill:var(--l)}",
    ".catena-graph a:hover>rect,.catena-graph a:focus>rect{fill-opacity:.2}",
    ".catena-graph text.o{font-weight:600}",
    ".catena-graph .q2 .o,.catena-graph text.q2{fill:#2e9d57}",
    ".catena-graph .q3 .o,.catena-graph text.q3{fill:#dc4a45}",
    ".catena-graph g.q3>rect,.catena-graph g.q3>a>rect{stroke:#dc4a45;stroke-opacity:1;stroke-width:2}",
    ".catena-graph g.q1>rect,.catena-graph g.q1>a>rect{stroke-width:2}",
    ".catena-graph g.q4>rect,.catena-graph g.q4>a>rect{stroke-dasharray:5 3}",
    ".catena-graph .v{opacity:.4}",
    ".catena-graph .j{fill:currentColor;fill-opacity:.07;stroke:currentColor;stroke-opacity:.62;stroke-width:1.5}",
);
