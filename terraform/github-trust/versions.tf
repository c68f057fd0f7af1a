terraform {
  # No provider: this module only writes text, so that it can be rendered and tested without an account.
  required_version = ">= 1.5"
}
