# What the roles of the other modules may do. `scanner policy` writes the file; a test fails when it is not what the
# tables need.

locals {
  statements = jsondecode(file("${path.module}/scanner-policy.json")).Statement
}

output "policies" {
  description = "Policy documents as JSON, by number. A managed policy holds 6,144 characters, so the statements are dealt out to as many as it takes."
  # No chunklist: it wants elements of one type, and a statement's Resource is a text or a list.
  value = {
    for n in range(ceil(length(local.statements) / 12)) :
    format("%02d", n + 1) => jsonencode({
      Version   = "2012-10-17"
      Statement = [for i, statement in local.statements : statement if floor(i / 12) == n]
    })
  }
}
