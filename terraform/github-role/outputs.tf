output "role_arn" {
  description = "ARN for the action's input role-arn."
  value       = aws_iam_role.scanner.arn
}

output "oidc_provider_arn" {
  description = "ARN of GitHub's OIDC provider in this account."
  value       = local.provider_arn
}

output "subjects" {
  description = "Token subjects that may assume the role."
  value       = module.trust.subjects
}

output "trust_policy" {
  description = "Trust policy of the role as JSON."
  value       = module.trust.policy
}
