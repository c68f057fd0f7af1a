output "role_name" {
  description = "Name for the action's input role-name."
  value       = var.role_name
}

output "stack_set_id" {
  description = "Id of the stack set."
  value       = aws_cloudformation_stack_set.scanner.stack_set_id
}
