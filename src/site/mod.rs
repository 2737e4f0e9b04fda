//! Pages and assets → the output folder.
