//! The macro behind the table of options: each row becomes a field of `Settings`, a flag, a variable, a file key, and a
//! line of what is printed about it.

/// Declares `Settings`, what they resolve to, and `Options`, one layer of what somebody wrote.
///
/// A row reads `name: Type = required(parser, "default"), "PLACEHOLDER", "Help.";` and stands below a `["Heading"]`.
/// `optional(parser)` has no default. A parser takes the text and says what is wrong with it.
macro_rules! settings {
    ($([$heading:literal] $(
        $name:ident: $type:ty = $kind:ident($parser:expr $(, $default:literal)?), $placeholder:literal, $help:literal;
    )+)+) => {
        /// Every setting of a server, checked.
        #[derive(Clone, Debug)]
        pub struct Settings {
            $($(#[doc = $help] pub $name: $type,)+)+
        }

        /// The options as flags, variables or a file give them: any of them, unchecked.
        #[derive(Clone, Debug, Default, clap::Args, serde::Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
        pub struct Options {
            $($(
                #[doc = $help]
                #[arg(
                    long,
                    value_name = $placeholder,
                    help_heading = $heading,
                    help = concat!($help $(, " [default: ", $default, "]")?),
                )]
                pub $name: Option<layers::Text>,
            )+)+
        }

        /// All options, in the order of the table.
        pub const OPTIONS: &[OptionHelp] = &[
            $($(OptionHelp {
                heading: $heading,
                name: stringify!($name),
                placeholder: $placeholder,
                default: first(&[$($default)?]),
                help: $help,
            },)+)+
        ];

        impl Options {
            /// The options as `lookup` knows them by their names (`data_dir`).
            fn from_lookup<E>(lookup: impl Fn(&str) -> Result<Option<layers::Text>, E>) -> Result<Self, E> {
                Ok(Self { $($($name: lookup(stringify!($name))?,)+)+ })
            }
        }

        impl Settings {
            /// Takes each option from the first layer that has it, else its default, and checks it.
            ///
            /// # Errors
            /// [`SettingsError::Invalid`] for the first option whose value is not allowed.
            pub fn resolve(layers: &[Layer]) -> Result<Self, SettingsError> {
                Ok(Self {
                    $($($name: layers::find(layers, stringify!($name), |options| options.$name.as_ref())
                        .$kind($parser $(, $default)?)?,)+)+
                })
            }
        }
    };
}
