//! All that `generatio` has beyond `generatio/slim`.
