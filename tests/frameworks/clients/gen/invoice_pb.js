// What protoc-gen-es makes of a small service, without protoc.
import { create, createFileRegistry } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const field = (name, type) => ({ name, number: 1, jsonName: name, type: FieldDescriptorProto_Type[type], label: FieldDescriptorProto_Label.OPTIONAL });
const file = {
  name: 'invoice.proto',
  package: 'example',
  syntax: 'proto3',
  messageType: [{ name: 'GetInvoiceRequest', field: [field('id', 'STRING')] }, { name: 'Invoice', field: [field('total', 'INT32')] }],
  service: [{ name: 'InvoiceService', method: [{ name: 'GetInvoice', inputType: '.example.GetInvoiceRequest', outputType: '.example.Invoice' }] }],
};

export const InvoiceService = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getService('example.InvoiceService');
