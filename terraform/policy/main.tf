# What the roles of the other modules may do. `scanner policy` writes the file; a test fails when it is not what the
# tables need.

locals {
  # Proof that logs arrive has statements of its own: metrics, and the keys of the buckets that are named, of no other.
  statements = concat(
    [for statement in jsondecode(file("${path.module}/scanner-policy.json")).Statement : statement if var.evidence || !startswith(statement.Sid, "Evidence")],
    [for buckets in [var.evidence_buckets] : {
      Sid      = "EvidenceS3Keys"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [for bucket in buckets : "arn:*:s3:::${bucket}"]
    } if var.evidence && length(buckets) > 0],
  )

  # A managed policy holds 6,144 characters (whitespace is not counted, and jsonencode writes none), a role takes ten
  # policies: few and full ones. A statement goes where it ends; so each policy is at most its share and one statement long.
  lengths = [for statement in local.statements : length(jsonencode(statement)) + 1]
  share   = 6144 - length(jsonencode({ Version = "2012-10-17", Statement = [] })) - max(local.lengths...)
  numbers = [for i in range(length(local.statements)) : floor(sum(slice(local.lengths, 0, i + 1)) / local.share)]
}

output "policies" {
  description = "Policy documents as JSON, by number (01, 02, ...), each small enough for a managed policy."
  # No chunklist: it wants elements of one type, and a statement's Resource is a text or a list.
  value = {
    for n, number in distinct(local.numbers) :
    format("%02d", n + 1) => jsonencode({
      Version   = "2012-10-17"
      Statement = [for i, statement in local.statements : statement if local.numbers[i] == number]
    })
  }
}

output "security_hub_policy" {
  description = "Document of the one policy with a right to write, as JSON: to import findings into Security Hub. For who asks for it."
  # As scanner policy --security-hub prints it. Security Hub's default product is the account's own.
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ImportSecurityHubFindings"
      Effect   = "Allow"
      Action   = "securityhub:BatchImportFindings"
      Resource = "arn:*:securityhub:*:*:product/*/default"
    }]
  })
}
