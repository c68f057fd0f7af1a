terraform {
  # No provider: this module only writes text.
  required_version = ">= 1.5"
}
