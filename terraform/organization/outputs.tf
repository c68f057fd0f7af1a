output "role_name" {
  description = "Name for the action's input role-name."
  value       = var.role_name
}

output "stack_set_id" {
  description = "Id of the stack set."
  value       = aws_cloudformation_stack_set.scanner.stack_set_id
}

output "external_id" {
  description = "External id for the action's input external-id; null for none."
  value       = var.external_id
}

output "management_account_role_arn" {
  description = "ARN of the role in the management account; null where this module does not make it."
  value       = one(module.management[*].role_arn)
}
